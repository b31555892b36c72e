"""Where papers come from: services are asked here, their formats are read here.

`pubmed.py` and `feeds.py` fetch; the `*_xml.py` files beside them only turn bytes into records.
"""
