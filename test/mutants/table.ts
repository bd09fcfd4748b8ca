// Every guard that is taken out, by theme.
import type { Table } from './mutant.ts';
import { attempts } from './table/attempts.ts';
import { epochs, locks } from './table/locks.ts';

export const TABLE: Table = { attempts, epochs, locks };
