"""Drawing: a graph as boxes, folded where it is large, laid out as a picture or listed as text."""
