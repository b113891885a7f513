"""The command line of reading: parse, call one verb, print."""
