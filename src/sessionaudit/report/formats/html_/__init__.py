"""A report as one HTML file, for a browser, an e-mail or a printer."""
