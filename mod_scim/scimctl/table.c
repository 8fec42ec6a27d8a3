#include <stdio.h>
#include <string.h>

#include "scimctl.h"

/* Characters, not bytes. */
static int width_of(const char *text)
{
    int width = 0;

    for (; *text; text++) {
        width += ((unsigned char)*text & 0xc0) != 0x80;
    }
    return width;
}

static const char *cell(const apr_array_header_t *cells, int index)
{
    return APR_ARRAY_IDX(cells, index, const char *);
}

static int column_width(const apr_array_header_t *cells, int columns, int column)
{
    int i, widest = 0;

    for (i = column; i < cells->nelts; i += columns) {
        int width = width_of(cell(cells, i));
        widest = width > widest ? width : widest;
    }
    return widest;
}

void ctl_table_print(const apr_array_header_t *cells, int columns)
{
    int i;

    for (i = 0; i < cells->nelts; i++) {
        if (i % columns == columns - 1) {
            printf("%s\n", cell(cells, i));
        }
        else {
            printf("%s%*s", cell(cells, i), column_width(cells, columns, i % columns) - width_of(cell(cells, i)) + 2, "");
        }
    }
}
