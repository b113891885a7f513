"""The command line of the archive: parse, call one verb, print."""
