"""The management API under `/api`: one file per noun, each with its operations beside what they do."""
