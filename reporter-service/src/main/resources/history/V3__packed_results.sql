-- Documents of results are deflated from here on; those that are here already stay readable as they are.
${results_as_bytes};
CREATE INDEX finding_open_since ON finding (since, id) WHERE ended IS NULL;
