"""A page to try models in the browser: `ganzoo demo mnist`, or a Space on the Hugging Face Hub."""
