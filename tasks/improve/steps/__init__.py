"""The improve room's steps: `flow` has Prefect's tasks, `people` what people do from the command line."""
