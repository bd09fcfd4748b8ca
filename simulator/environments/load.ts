// Reads an environment: one of those that lie beside this file, by its name, or any YAML file.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, YAMLParseError } from 'yaml';

import { type Environment } from './schema.ts';
import { environmentSchema } from './checks.ts';

export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
}

/** `vaults[0].fabrics[1].region: no region named "x"`, one line for each thing that is wrong. */
export function parseEnvironment(value: unknown, source: string): Environment {
  const read = environmentSchema.safeParse(value);
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
      throw new EnvironmentError(`The environment ${fileOrName} is no YAML: ${error.message}`);
    throw error;
  }
}
