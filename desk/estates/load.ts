// Reads an estate: one of those that lie beside this file, by its name, or any YAML file.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, YAMLParseError } from 'yaml';

import { type Estate } from './schema.ts';
import { estateSchema } from './checks.ts';

export class EstateError extends Error {
  override readonly name = 'EstateError';
}

/** `vaults[0].fabrics[1].region: no region named "x"`, one line for each thing that is wrong. */
export function parseEstate(value: unknown, source: string): Estate {
  const read = estateSchema.safeParse(value);
  if (read.success) return read.data;
  const lines = read.error.issues.map((issue) => `  ${pathText(issue.path) || '(the whole file)'}: ${issue.message}`);
  throw new EstateError(`The estate ${source} cannot be used:\n${lines.join('\n')}`);
}

const pathText = (path: readonly PropertyKey[]): string => path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('').replace(/^\./, '');

export function loadEstate(fileOrName: string): Estate {
  const beside = join(import.meta.dirname, `${fileOrName}.yaml`);
  const file = /^[\w-]+$/.test(fileOrName) && existsSync(beside) ? beside : fileOrName;
  if (!existsSync(file)) throw new EstateError(`There is no estate "${fileOrName}": give the name of one in ${import.meta.dirname} or the path of a YAML file.`);
  try {
    return parseEstate(parse(readFileSync(file, 'utf8')), fileOrName);
  } catch (error) {
    if (error instanceof YAMLParseError) throw new EstateError(`The estate ${fileOrName} is no YAML: ${error.message}`);
    throw error;
  }
}
