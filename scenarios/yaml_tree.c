/* SPDX-License-Identifier: Apache-2.0 */
#include "scenarios/yaml_tree.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static struct place mark_place(const yaml_mark_t *mark)
{
    return (struct place){ mark->line + 1, mark->column + 1, 1 };
}

struct place yaml_place(const yaml_node_t *node)
{
    struct place at = mark_place(&node->start_mark);
    if (node->type == YAML_SCALAR_NODE && node->end_mark.line == node->start_mark.line &&
        node->end_mark.column > node->start_mark.column)
        at.width = node->end_mark.column - node->start_mark.column;
    return at;
}

const char *yaml_text(const yaml_node_t *node)
{
    return node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value : "";
}

static enum status refused(const struct source *source, struct error *err)
{
    return error_set(err, STATUS_BAD_INPUT, "%s cannot be read", source->path);
}

static enum status parser_open(yaml_parser_t *parser, const struct source *source,
                               struct error *err)
{
    if (!yaml_parser_initialize(parser))
        return error_set(err, STATUS_NO_MEMORY, "no memory for a YAML parser");
    yaml_parser_set_input_string(parser, (const unsigned char *)source->text, source->n);
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING);
    return STATUS_OK;
}

static enum status parser_failed(const yaml_parser_t *parser, const struct source *source,
                                 struct diagnostics *diagnostics, struct error *err)
{
    if (parser->error == YAML_MEMORY_ERROR)
        return error_set(err, STATUS_NO_MEMORY, "no memory to parse %s", source->path);
    const char *problem = parser->problem ? parser->problem : "not YAML", *hint = NULL;
    struct place at = mark_place(&parser->problem_mark);
    if (parser->error == YAML_READER_ERROR) at = (struct place){ 0, 0, 0 };
    if (at.line > source->line_n) at = (struct place){ source->line_n, 1, 1 };
    const char *line = at.line ? source->lines[at.line - 1] : "";
    for (size_t i = 1; i < at.column && *line; i++) utf8_next(&line);
    if (*line == '\t') hint = "indent with spaces: YAML knows no tabs there";
    char note[160] = "";
    if (parser->context)
        snprintf(note, sizeof note, "%s that starts at line %zu", parser->context,
                 parser->context_mark.line + 1);
    source_report(source, diagnostics, SEVERITY_ERROR, at, hint, note, "not valid YAML: %s",
                  problem);
    return refused(source, err);
}

/* Reads all events without keeping any: whatever would make the tree costly is found here. */
static enum status check_events(const struct source *source, bool several,
                                struct diagnostics *diagnostics, struct error *err)
{
    yaml_parser_t parser;
    enum status status = parser_open(&parser, source, err);
    if (status) return status;
    size_t nodes = 0, anchors = 0, documents = 0, depth = 0;
    for (int done = 0; !done && !status;) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event)) {
            status = parser_failed(&parser, source, diagnostics, err);
            break;
        }
        struct place at = mark_place(&event.start_mark);
        const char *complaint = NULL;
        const yaml_char_t *anchor = NULL;
        switch (event.type) {
        case YAML_STREAM_END_EVENT: done = 1; break;
        case YAML_DOCUMENT_START_EVENT:
            if (++documents > 1 && !several)
                complaint = "a second document starts here; a scenario is one";
            break;
        case YAML_SCALAR_EVENT:
            nodes++;
            anchor = event.data.scalar.anchor;
            break;
        case YAML_ALIAS_EVENT: nodes++; break;
        case YAML_MAPPING_START_EVENT:
            nodes++;
            depth++;
            anchor = event.data.mapping_start.anchor;
            break;
        case YAML_SEQUENCE_START_EVENT:
            nodes++;
            depth++;
            anchor = event.data.sequence_start.anchor;
            break;
        case YAML_MAPPING_END_EVENT:
        case YAML_SEQUENCE_END_EVENT: depth--; break;
        default: break;
        }
        if (anchor && ++anchors > YAML_ANCHORS_MAX) complaint = "more than 1000 anchors";
        if (nodes > YAML_NODES_MAX) complaint = "more than 20000 values";
        if (depth > YAML_DEPTH_MAX) complaint = "nested deeper than 64";
        yaml_event_delete(&event);
        if (complaint) {
            source_report(source, diagnostics, SEVERITY_ERROR, at, NULL, NULL, "%s", complaint);
            status = refused(source, err);
        }
    }
    yaml_parser_delete(&parser);
    return status;
}

/* ---- Aliases: the tree is a graph; is it one without circles, and how large is it written out?
 * ---- */

enum { NOT_SEEN = 0, OPEN = -1 };

struct frame {
    int node, next; /* the next child to look at */
};

/* Children of a node by number; 0 past the end. Nodes are numbered from 1, as libyaml does. */
static int child_at(yaml_document_t *document, int number, int i)
{
    yaml_node_t *node = yaml_document_get_node(document, number);
    if (node->type == YAML_SEQUENCE_NODE) {
        yaml_node_item_t *item = node->data.sequence.items.start + i;
        return item < node->data.sequence.items.top ? *item : 0;
    }
    if (node->type == YAML_MAPPING_NODE) {
        yaml_node_pair_t *pair = node->data.mapping.pairs.start + i / 2;
        if (pair < node->data.mapping.pairs.top) return i % 2 ? pair->value : pair->key;
    }
    return 0;
}

/* Sizes by depth-first search with a stack of its own; stops at a circle or at the budget. */
static const char *measure(yaml_document_t *document, long *size, struct frame *stack, int root,
                           int *where)
{
    int top = 0;
    stack[top++] = (struct frame){ root, 0 };
    size[root] = OPEN;
    while (top > 0) {
        struct frame *f = &stack[top - 1];
        int child = child_at(document, f->node, f->next);
        if (child == 0) { /* all children are measured */
            long sum = 1;
            for (int i = 0; (child = child_at(document, f->node, i)); i++) {
                sum += size[child];
                if (sum > YAML_NODES_MAX) {
                    *where = f->node;
                    return "with its aliases written out this holds more than 20000 values";
                }
            }
            size[f->node] = sum;
            top--;
        } else if (size[child] == OPEN) {
            *where = child;
            return "this holds an alias of itself";
        } else {
            f->next++;
            if (size[child] == NOT_SEEN) {
                size[child] = OPEN;
                stack[top++] = (struct frame){ child, 0 };
            }
        }
    }
    return NULL;
}

static enum status check_aliases(struct yaml_tree *tree, struct diagnostics *diagnostics,
                                 struct error *err)
{
    size_t n = (size_t)(tree->document.nodes.top - tree->document.nodes.start) + 1;
    long *size = calloc(n, sizeof *size);
    struct frame *stack = calloc(n, sizeof *stack);
    enum status status = STATUS_OK;
    int where = 0;
    if (!size || !stack) {
        status = error_set(err, STATUS_NO_MEMORY, "no memory to check %s", tree->source->path);
    } else {
        const char *complaint = measure(&tree->document, size, stack, 1, &where);
        if (complaint) {
            struct place at = yaml_place(yaml_document_get_node(&tree->document, where));
            source_report(tree->source, diagnostics, SEVERITY_ERROR, at, NULL, NULL, "%s",
                          complaint);
            status = refused(tree->source, err);
        }
    }
    free(size);
    free(stack);
    return status;
}

void yaml_tree_free(struct yaml_tree *tree)
{
    yaml_document_delete(&tree->document);
    memset(tree, 0, sizeof *tree);
}

/* The next document; tree->root is NULL past the last. */
static enum status next_tree(yaml_parser_t *parser, const struct source *source,
                             struct yaml_tree *tree, struct diagnostics *diagnostics,
                             struct error *err)
{
    memset(tree, 0, sizeof *tree);
    tree->source = source;
    if (!yaml_parser_load(parser, &tree->document))
        return parser_failed(parser, source, diagnostics, err);
    tree->root = yaml_document_get_root_node(&tree->document);
    if (!tree->root) yaml_tree_free(tree);
    return STATUS_OK;
}

static enum status not_a_mapping(const struct yaml_tree *tree, const char *what, const char *note,
                                 struct diagnostics *diagnostics, struct error *err)
{
    source_report(tree->source, diagnostics, SEVERITY_ERROR, yaml_place(tree->root), NULL, note,
                  "%s is a mapping of keys, not a %s", what,
                  tree->root->type == YAML_SCALAR_NODE ? "text" : "list");
    return refused(tree->source, err);
}

enum status yaml_tree_load(struct yaml_tree *tree, const struct source *source,
                           struct diagnostics *diagnostics, struct error *err)
{
    yaml_parser_t parser;
    enum status status = check_events(source, false, diagnostics, err);
    if (status || (status = parser_open(&parser, source, err))) return status;
    status = next_tree(&parser, source, tree, diagnostics, err);
    yaml_parser_delete(&parser);
    if (status) return status;
    if (!tree->root) {
        source_report(source, diagnostics, SEVERITY_ERROR, (struct place){ 0, 0, 0 }, NULL, NULL,
                      "the file is empty");
        return refused(source, err);
    }
    if (tree->root->type != YAML_MAPPING_NODE)
        status = not_a_mapping(tree, "a scenario", "a scenario starts with the line 'seatrial: 1'",
                               diagnostics, err);
    else status = check_aliases(tree, diagnostics, err);
    if (status) yaml_tree_free(tree);
    return status;
}

static bool is_empty(const yaml_node_t *node)
{
    return node->type == YAML_SCALAR_NODE && node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           node->data.scalar.length == 0;
}

/* One more document into the list; *done past the last. */
static enum status add_tree(yaml_parser_t *parser, struct yaml_trees *trees,
                            const struct source *source, bool *done,
                            struct diagnostics *diagnostics, struct error *err)
{
    struct yaml_tree tree;
    enum status status = next_tree(parser, source, &tree, diagnostics, err);
    *done = status || !tree.root;
    if (*done) return status;
    struct yaml_tree *items = realloc(trees->items, (trees->n + 1) * sizeof *items);
    if (!items) status = error_set(err, STATUS_NO_MEMORY, "no memory for %s", source->path);
    else trees->items = items;
    bool empty = is_empty(tree.root);
    if (!status && !empty && tree.root->type != YAML_MAPPING_NODE)
        status = not_a_mapping(&tree, "a manifest", NULL, diagnostics, err);
    if (!status && !empty) status = check_aliases(&tree, diagnostics, err);
    if (status || empty) yaml_tree_free(&tree);
    else trees->items[trees->n++] = tree;
    return status;
}

enum status yaml_trees_load(struct yaml_trees *trees, const struct source *source,
                            struct diagnostics *diagnostics, struct error *err)
{
    yaml_parser_t parser;
    memset(trees, 0, sizeof *trees);
    enum status status = check_events(source, true, diagnostics, err);
    if (status || (status = parser_open(&parser, source, err))) return status;
    for (bool done = false; !status && !done;)
        status = add_tree(&parser, trees, source, &done, diagnostics, err);
    yaml_parser_delete(&parser);
    if (status) yaml_trees_free(trees);
    return status;
}

void yaml_trees_free(struct yaml_trees *trees)
{
    for (size_t i = 0; i < trees->n; i++) yaml_tree_free(&trees->items[i]);
    free(trees->items);
    memset(trees, 0, sizeof *trees);
}
