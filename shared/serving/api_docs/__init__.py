"""How the routes are described: the OpenAPI document and its pages."""
