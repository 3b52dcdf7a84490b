import ts from 'typescript';

/**
 * No text beside other nodes: `{count} <b>people</b>` and the like. A browser that translates a page wraps each text in
 * elements of its own, and React, which looks for the text where it was, ends in a NotFoundError. Text that is all there is
 * in an element is set through that element, and lives.
 */
export const noBareText = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      bare: 'Text beside other nodes breaks where the browser translates the page: put it into an element.',
    },
  },
  create(context) {
    const { parserServices } = context.sourceCode;
    const checker = parserServices.program.getTypeChecker();
    const text = ts.TypeFlags.StringLike | ts.TypeFlags.NumberLike;

    const isText = (node) => {
      const type = parserServices.getTypeAtLocation(node);
      const parts = type.isUnion() ? type.types : [type];
      // With elements among them it is whatever the caller gives (ReactNode): each branch is looked at where it is written.
      return (
        parts.some(({ flags }) => (flags & text) !== 0) &&
        !parts.some((part) => checker.getPropertyOfType(part, 'props') !== undefined)
      );
    };
    const look = (node) => {
      if (node === null) return;
      if (node.type === 'ConditionalExpression') {
        look(node.consequent);
        look(node.alternate);
      } else if (node.type === 'LogicalExpression') {
        look(node.left);
        look(node.right);
      } else if (node.type === 'CallExpression' && isMap(node)) look(node.arguments[0].body);
      else if (!node.type.startsWith('JSX') && node.type !== 'BlockStatement' && isText(node))
        context.report({ node, messageId: 'bare' });
    };
    const lookAtChildren = ({ children }, alone) => {
      const shown = children.filter(isShown);
      for (const child of shown) {
        const { type, expression } = child;
        const isAlone = alone && shown.length === 1;
        if (type === 'JSXText' && !isAlone) context.report({ node: child, messageId: 'bare' });
        // Alone, too, a list of texts is several of them.
        if (type === 'JSXExpressionContainer' && (!isAlone || isMap(expression))) look(expression);
      }
    };
    return {
      JSXElement: (node) => lookAtChildren(node, true),
      JSXFragment: (node) => lookAtChildren(node, false),
      // What a component hands back has whatever stands beside the component for its siblings.
      ReturnStatement(node) {
        if (isComponent(functionAround(node))) look(node.argument);
      },
      ArrowFunctionExpression(node) {
        if (node.expression && isComponent(node)) look(node.body);
      },
    };
  },
};

const isMap = ({ type, callee, arguments: [given] = [] }) =>
  type === 'CallExpression' &&
  callee.type === 'MemberExpression' &&
  callee.property.name === 'map' &&
  given?.type === 'ArrowFunctionExpression';

/** Line breaks and comments between elements are nothing. */
const isShown = ({ type, value, expression }) =>
  type === 'JSXText'
    ? !/^\s*$/.test(value) || !value.includes('\n')
    : type !== 'JSXExpressionContainer' || expression.type !== 'JSXEmptyExpression';

const functionAround = (node) => {
  let around = node.parent;
  while (around !== null && !/Function/.test(around.type)) around = around.parent;
  return around;
};

const isComponent = (node) => {
  const name = node?.id?.name ?? (node?.parent?.type === 'VariableDeclarator' ? node.parent.id.name : '');
  return /^[A-Z]/.test(name ?? '');
};
