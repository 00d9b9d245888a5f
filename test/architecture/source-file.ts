import { type ESTree, parseSync } from 'vite';

/** One source file, read: what it imports, how long its functions are, and where it asks for time or chance. */
export type SourceFile = {
  /** From the repository's root, with `/`. */
  readonly path: string;
  readonly lineCount: number;
  readonly imports: readonly string[];
  readonly functions: readonly { readonly line: number; readonly lineCount: number }[];
  /** `Date.now()`, `Math.random()`, `new Date()`. */
  readonly ambientCalls: readonly { readonly line: number; readonly text: string }[];
};

const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);

/** Reads a TypeScript file through its syntax tree, so that comments and strings never count. */
export function readSource(path: string, code: string): SourceFile {
  const { program, module, errors } = parseSync(path, code);
  if (errors.length > 0) throw new SyntaxError(`${path}: ${errors[0]?.message}`);
  const lineAt = lineCounter(code);
  const functions: SourceFile['functions'][number][] = [];
  const ambientCalls: SourceFile['ambientCalls'][number][] = [];
  const dynamicImports: string[] = [];
  visit(program, (node) => {
    const line = lineAt(node.start);
    if (FUNCTIONS.has(node.type)) functions.push({ line, lineCount: lineAt(node.end) - line + 1 });
    if (isAmbient(node)) ambientCalls.push({ line, text: code.slice(node.start, node.end) });
    if (node.type === 'ImportExpression' && node.source.type === 'Literal')
      dynamicImports.push(String(node.source.value));
  });
  const staticImports = module.staticImports.map((statement) => statement.moduleRequest.value);
  const reExports = module.staticExports.flatMap((statement) =>
    statement.entries.map((entry) => entry.moduleRequest?.value),
  );
  const imports = [...staticImports, ...dynamicImports, ...reExports.filter((value) => value !== undefined)];
  return { path, lineCount: code.split('\n').length - 1, imports: [...new Set(imports)], functions, ambientCalls };
}

function lineCounter(code: string): (offset: number) => number {
  const starts = [...code.matchAll(/\n/g)].map((match) => match.index);
  return (offset) => {
    let [low, high] = [0, starts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (starts[middle]! < offset) low = middle + 1;
      else high = middle;
    }
    return low + 1;
  };
}

function isAmbient(node: ESTree.Node): boolean {
  if (node.type === 'NewExpression') {
    return node.callee.type === 'Identifier' && node.callee.name === 'Date' && node.arguments.length === 0;
  }
  if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression') return false;
  const { object, property } = node.callee;
  if (object.type !== 'Identifier' || property.type !== 'Identifier') return false;
  return ['Date.now', 'Math.random'].includes(`${object.name}.${property.name}`);
}

function visit(node: ESTree.Node, see: (node: ESTree.Node) => void): void {
  see(node);
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) visit(child, see);
  }
}

function isNode(value: unknown): value is ESTree.Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}
