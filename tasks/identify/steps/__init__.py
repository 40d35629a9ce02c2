"""The identify room's steps: `flow` has Prefect's tasks, `people` what people decide, `segments` who belongs where."""
