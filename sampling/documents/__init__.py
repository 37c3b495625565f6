"""Documents on paper and in files: one model of what stands in them, written as DOCX, PDF and XLSX."""
