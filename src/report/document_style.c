/* document_style.c - see document_style.h. */
#include "document_style.h"

#include <stddef.h>

/* Contrasts of text to its ground are 4.5 or more in both schemes. */
static const char colours[] =
    ":root { color-scheme: light dark; --text: #1c2024; --soft: #565e66; --ground: #ffffff; --panel: #f4f6f8;\n"
    "  --line: #d5dae0; --link: #0b57a8; --good: #136a3a; --bad: #a3262a; --open: #7a5200; --equal: #4a4fa3; }\n"
    "@media (prefers-color-scheme: dark) { :root { --text: #e4e7ea; --soft: #a9b1ba; --ground: #14171a;\n"
    "  --panel: #1e2226; --line: #3a4148; --link: #82b7f5; --good: #7bd3a0; --bad: #f59a97; --open: #e5bd6a;\n"
    "  --equal: #b3b7fa; } }\n";

static const char page[] =
    "* { box-sizing: border-box; }\n"
    "html { -webkit-text-size-adjust: 100%; scroll-padding-top: 1rem; }\n"
    "body { margin: 0 auto; max-width: 50rem; padding: 2rem 1.25rem 4rem; color: var(--text);\n"
    "  background: var(--ground); font: 1.0625rem/1.6 Charter, 'Bitstream Charter', 'Sitka Text', Cambria, Georgia,\n"
    "  serif; overflow-wrap: break-word; }\n"
    "h1, h2, h3, nav, figcaption, table, .answer .claim, .source, .subtitle, footer, .note {\n"
    "  font-family: system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif; }\n"
    "h1 { font-size: 2rem; line-height: 1.2; margin: 0; letter-spacing: -0.01em; }\n"
    ".subtitle { color: var(--soft); margin: 0.4rem 0 2rem; }\n"
    "h2 { font-size: 1.45rem; line-height: 1.25; margin: 3.2rem 0 0.8rem; padding-top: 0.9rem;\n"
    "  border-top: 2px solid var(--text); }\n"
    "h3 { font-size: 1.12rem; line-height: 1.35; margin: 2.2rem 0 0.5rem; }\n"
    "p { margin: 0.7rem 0; hyphens: auto; }\n"
    "a { color: var(--link); text-underline-offset: 0.15em; }\n"
    "footer { margin-top: 4rem; border-top: 1px solid var(--line); color: var(--soft); font-size: 0.85rem; }\n"
    "code { font: 0.88em ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; hyphens: none; }\n"
    "pre { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: 0.7rem 0.9rem;\n"
    "  overflow-x: auto; line-height: 1.45; }\n"
    "pre code { font-size: 0.8rem; }\n"
    ".contents { background: var(--panel); border-radius: 8px; padding: 1rem 1.25rem; font-size: 0.95rem; }\n"
    ".contents-title { font-weight: 600; margin: 0 0 0.3rem; }\n"
    ".contents ol { margin: 0; padding-left: 1.1rem; list-style: none; }\n"
    ".contents > ol { padding-left: 0; }\n"
    ".contents li { margin: 0.15rem 0; }\n";

static const char parts[] =
    ".formula { overflow-x: auto; overflow-y: hidden; padding: 0.5rem 0; margin: 0.6rem 0; }\n"
    "math { font-size: 1.08em; font-family: 'STIX Two Math', 'Cambria Math', 'Latin Modern Math', math; }\n"
    ".aligned mtd { text-align: left; padding: 0.25em 0.15em; }\n"
    ".aligned mtd:first-child { text-align: right; }\n"
    "figure { margin: 1.4rem 0; }\n"
    "figcaption { font-size: 0.88rem; line-height: 1.45; color: var(--soft); }\n"
    "figcaption strong { color: var(--text); }\n"
    ".svg svg { display: block; width: 100%; height: auto; border-radius: 6px; }\n"
    ".svg { border: 1px solid var(--line); border-radius: 6px; margin-bottom: 0.5rem; overflow: hidden;\n"
    "  background: #ffffff; }\n"
    ".table figcaption { margin-bottom: 0.35rem; }\n"
    ".scroll { overflow-x: auto; }\n"
    "table { border-collapse: collapse; font-size: 0.86rem; line-height: 1.4; font-variant-numeric: tabular-nums; }\n"
    "th, td { padding: 0.32rem 0.7rem; text-align: left; vertical-align: top;\n"
    "  border-bottom: 1px solid var(--line); }\n"
    "th { border-bottom: 2px solid var(--soft); font-weight: 600; vertical-align: bottom; }\n"
    "th:first-child, td:first-child { padding-left: 0; }\n"
    "td:not(.number) { min-width: 4.2rem; } td:first-child:not(.number) { min-width: 7rem; } "
    "td:last-child:not(.number) { min-width: 10rem; }\n"
    ".number { text-align: right; white-space: nowrap; }\n"
    ":focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }\n"
    ".note { background: var(--panel); border-left: 4px solid var(--soft); padding: 0.6rem 0.9rem;\n"
    "  font-size: 0.92rem; border-radius: 0 6px 6px 0; }\n"
    ".answer { --mark: var(--soft); border-left: 4px solid var(--mark); background: var(--panel);\n"
    "  padding: 0.65rem 1rem; margin: 0.9rem 0; border-radius: 0 6px 6px 0; }\n"
    ".answer p { margin: 0.25rem 0; }\n"
    ".verdict { color: var(--mark); border: 1px solid var(--mark); border-radius: 1em; padding: 0.05em 0.65em;\n"
    "  font-size: 0.82rem; font-weight: 600; white-space: nowrap; margin-left: 0.4em; }\n"
    ".supported { --mark: var(--good); } .contradicted { --mark: var(--bad); }\n"
    ".undecided, .not-comparable { --mark: var(--open); } .equivalent { --mark: var(--equal); }\n"
    ".source { color: var(--soft); font-size: 0.82rem; }\n"
    ".room { border: 1px dashed var(--soft); border-radius: 6px; min-height: 11rem; margin: 1rem 0;\n"
    "  padding: 0.2rem 0.9rem; color: var(--soft); }\n";

static const char paper[] =
    "@media (max-width: 30rem) { body { font-size: 1rem; padding: 1.25rem 1rem 3rem; } h1 { font-size: 1.6rem; }\n"
    "  h2 { font-size: 1.25rem; } }\n"
    "@page { margin: 18mm 16mm; }\n"
    "@media print { :root { color-scheme: light; --text: #000000; --soft: #444444; --ground: #ffffff;\n"
    "  --panel: #f4f6f8; --line: #c8c8c8; --link: #000000; --good: #136a3a; --bad: #a3262a; --open: #7a5200;\n"
    "  --equal: #4a4fa3; }\n"
    "  body { max-width: none; padding: 0; font-size: 10.5pt; } a { text-decoration: none; }\n"
    "  h2, h3, figcaption { break-after: avoid; } .picture, .answer, pre, tr, .formula { break-inside: avoid; }\n"
    "  .table figcaption { break-after: avoid; } h2 { break-before: auto; }\n"
    "  .scroll, pre, .formula { overflow: visible; } pre { white-space: pre-wrap; } table { font-size: 8pt; }\n"
    "  th, td { padding: 0.2rem 0.35rem; } .picture { max-width: 80%; margin-left: auto; margin-right: auto; } }\n";

const char *const document_style[] = {colours, page, parts, paper, NULL};
