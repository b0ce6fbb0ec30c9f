/*
 * document_style.h - how the page looks (CSS): on a screen, light and dark, narrow and wide, and on paper.
 */
#ifndef DLEXP_REPORT_DOCUMENT_STYLE_H
#define DLEXP_REPORT_DOCUMENT_STYLE_H

/* Pieces up to a NULL. */
extern const char *const document_style[];

#endif
