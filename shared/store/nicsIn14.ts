// The migration to schema 14: a change of settings names a network interface as it names a disk, by
// its name or its ARM id. Reads of schema 13 documents call it.
import { renamed } from '../core/renamed.ts';

type Shape = Readonly<Record<string, unknown>>;

const NAMES = new Map([['nicId', 'nic']]);

const withNics = (document: Shape): Shape =>
  document['command'] === undefined
    ? document
    : { ...document, command: renamed(document['command'], NAMES) };

/** The migration steps from schema 13 to 14, by document type. */
export const NICS_IN_14: Readonly<Record<string, (older: Shape) => Shape>> = {
  job: withNics,
  decision: withNics,
  alertRule: (document) => ({ ...document, rule: withNics(document['rule'] as Shape) }),
};
