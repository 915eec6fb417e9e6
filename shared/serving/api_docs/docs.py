"""The pages that show the routes to a reader, with no script of another site or in the page."""

import html
import json
from pathlib import Path

import fastapi_offline
from fastapi import FastAPI
from fastapi.responses import HTMLResponse, Response
from fastapi.staticfiles import StaticFiles

FILES = "/docs/files"
START = "/docs/start.js"
PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
{head}
</head>
<body>
{body}
</body>
</html>
"""


def add_pages(app: FastAPI) -> None:
    """Add `/docs` (Swagger UI) and `/redoc` to an application that has an OpenAPI document."""
    app.mount(FILES, StaticFiles(directory=Path(fastapi_offline.__file__).parent / "static"))
    title = html.escape(app.title)
    swagger = PAGE.format(
        title=title,
        head=f'<link rel="stylesheet" href="{FILES}/swagger-ui.css">',
        body=f'<div id="docs"></div>\n<script src="{FILES}/swagger-ui-bundle.js"></script>\n'
        f'<script src="{START}"></script>',
    )
    redoc = PAGE.format(
        title=title,
        head="<style>body {margin: 0}</style>",
        body=f'<redoc spec-url="{app.openapi_url}"></redoc>\n'
        f'<script src="{FILES}/redoc.standalone.js"></script>',
    )
    start = f"SwaggerUIBundle({json.dumps({'url': app.openapi_url, 'dom_id': '#docs'})});\n"

    app.get("/docs", include_in_schema=False)(lambda: HTMLResponse(swagger))
    app.get("/redoc", include_in_schema=False)(lambda: HTMLResponse(redoc))
    app.get(START, include_in_schema=False)(lambda: Response(start, media_type="text/javascript"))
