"""The demo: the whole loop on a real year of flights, in a folder and processes of its own."""
