// Finds exported names without a description. Only names that another module, a trigger or an
// orchestrator imports count.
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';

/** One source file. */
export interface SourceText {
  /** The path from the root of the repository. */
  readonly file: string;
  readonly text: string;
}

/** One exported name. */
export interface Export {
  readonly file: string;
  readonly name: string;
  readonly isDescribed: boolean;
}

const moduleOf = (file: string): string =>
  file.startsWith('shared/') ? file.split('/').slice(0, 2).join('/') : (file.split('/')[0] ?? file);

const parse = ({ file, text }: SourceText): ts.SourceFile =>
  ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);

const isExported = (statement: ts.Statement): boolean =>
  ts.canHaveModifiers(statement) &&
  (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);

function namesOf(statement: ts.Statement): readonly string[] {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.flatMap(({ name }) =>
      ts.isIdentifier(name) ? [name.text] : [],
    );
  const isNamed =
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement);
  return isNamed && statement.name ? [statement.name.text] : [];
}

/**
 * A comment directly above a declaration describes it. A comment with a blank line below belongs to
 * the file.
 */
function isDescribed(statement: ts.Statement, source: ts.SourceFile): boolean {
  const last = ts.getLeadingCommentRanges(source.text, statement.getFullStart())?.at(-1);
  return last !== undefined && !source.text.slice(last.end, statement.getStart(source)).includes('\n\n');
}

function exportsOf(text: SourceText): readonly Export[] {
  const source = parse(text);
  return source.statements.filter(isExported).flatMap((statement) =>
    namesOf(statement).map((name) => ({
      file: text.file,
      name,
      isDescribed: isDescribed(statement, source),
    })),
  );
}

/** The imports from other modules, as `file#name`. */
function importsOf(text: SourceText): readonly string[] {
  return parse(text).statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) return [];
    const path = statement.moduleSpecifier.text;
    const names = statement.importClause?.namedBindings;
    if (!path.startsWith('.') || !names || !ts.isNamedImports(names)) return [];
    const file = relative('.', join(dirname(text.file), path));
    if (moduleOf(file) === moduleOf(text.file)) return [];
    return names.elements.map(({ name, propertyName }) => `${file}#${(propertyName ?? name).text}`);
  });
}

/**
 * The exported names without a description that another module imports. A name in a file counts
 * once.
 */
export function undescribed(sources: readonly SourceText[]): readonly Export[] {
  const used = new Set(sources.flatMap(importsOf));
  const candidates = sources
    .flatMap(exportsOf)
    .filter(({ file, name }) => file.startsWith('shared/') && used.has(`${file}#${name}`));
  const described = new Set(
    candidates.filter((candidate) => candidate.isDescribed).map(({ file, name }) => `${file}#${name}`),
  );
  return candidates.filter(({ file, name }) => !described.has(`${file}#${name}`));
}
