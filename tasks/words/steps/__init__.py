"""The words room's steps: `flow` has Prefect's tasks, `texts` reads and tells tone, `weeks` what a week says."""
