// Loads an environment by its name in this folder, or from any YAML file.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, YAMLParseError } from 'yaml';

import { type Environment } from './schema.ts';
import { environmentSchema } from './checks.ts';
import { issueText } from './issue-text.ts';

/** The environment is missing or has an error. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
}

/**
 * Validates an environment. The error has one line for each problem, such as
 * `vaults[0].fabrics[1].region: no region named "x"`.
 */
export function parseEnvironment(value: unknown, source: string): Environment {
  const read = environmentSchema.safeParse(value, { error: issueText });
  if (read.success) return read.data;
  const lines = read.error.issues.map(
    (issue) => `  ${formatPath(issue.path) || '(the whole file)'}: ${issue.message}`,
  );
  throw new EnvironmentError(`The environment ${source} cannot be used:\n${lines.join('\n')}`);
}

const formatPath = (path: readonly PropertyKey[]): string =>
  path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');

/** Loads an environment. Throws EnvironmentError for a missing or invalid environment. */
export function loadEnvironment(fileOrName: string): Environment {
  const bundledFile = join(import.meta.dirname, `${fileOrName}.yaml`);
  const file = /^[\w-]+$/.test(fileOrName) && existsSync(bundledFile) ? bundledFile : fileOrName;
  if (!existsSync(file))
    throw new EnvironmentError(
      `There is no environment "${fileOrName}": give the name of one in ${import.meta.dirname} ` +
        'or the path of a YAML file.',
    );
  try {
    return parseEnvironment(parse(readFileSync(file, 'utf8')), fileOrName);
  } catch (error) {
    if (error instanceof YAMLParseError)
      throw new EnvironmentError(`The environment ${fileOrName} is not valid YAML: ${error.message}`);
    throw error;
  }
}
