"""The beat says "look now". What there is to do is rows: a beat too many finds nothing, a late one finds all of it."""
