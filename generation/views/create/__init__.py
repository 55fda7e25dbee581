"""The Create page: form, prices, prompts and pickers."""
