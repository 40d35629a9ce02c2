"""The identify room's steps: `flow` has Prefect's task, `people` what people decide from the command line."""
