// Finds faults in the table itself within a moment, without playing any mutant.
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { matchesOf } from '../support/mutant.ts';
import type { Mutant } from './mutant.ts';

export const ROOT = resolve(import.meta.dirname, '..', '..');

/** Returns all faults at once: after a change of the product several texts may no longer match. */
export function findTableFaults(mutants: readonly Mutant[], root = ROOT): string[] {
  const ids = mutants.map(({ id }) => id);
  const twice = new Set(ids.filter((id, at) => ids.indexOf(id) !== at));
  return [
    ...[...twice].map((id) => `${id}: two mutants have this id.`),
    ...mutants.flatMap((mutant) =>
      [...findTextFaults(mutant, root), ...findTestFaults(mutant, root)].map(
        (fault) => `${mutant.id}: ${fault}`,
      ),
    ),
  ];
}

function findTextFaults({ file, find, replace }: Mutant, root: string): string[] {
  const source = read(join(root, file));
  if (source === undefined) return [`the file ${file} does not exist.`];
  const times = matchesOf(find, source).length;
  const wrongCount =
    times === 1 ? [] : [`${JSON.stringify(find)} occurs ${times} times in ${file}, and must occur once.`];
  return find === replace ? [...wrongCount, 'the replacement changes nothing.'] : wrongCount;
}

function findTestFaults({ test: { file, name } }: Mutant, root: string): string[] {
  const source = read(join(root, file));
  if (source === undefined) return [`the test file ${file} does not exist.`];
  const unescaped = source.replaceAll("\\'", "'");
  return unescaped.includes(name) ? [] : [`no test in ${file} has the name ${JSON.stringify(name)}.`];
}

const read = (path: string): string | undefined =>
  existsSync(path) ? readFileSync(path, 'utf8') : undefined;
