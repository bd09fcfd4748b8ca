// The right in Azure's roles that each exchange with Resource Manager needs.
import { readFileSync } from 'node:fs';
import { roleActionOf } from '../../simulator/arm/role-actions.ts';

export { roleActionOf as actionOf };

export interface TracedExchange {
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

/** Reads only complete lines: the simulator may be in the middle of the next line. */
export function readExchanges<T extends { readonly method: string; readonly path: string } = TracedExchange>(
  trace: string,
): T[] {
  const text = readFileSync(trace, 'utf8');
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as T);
}

export const readArmActions = (trace: string): string[] =>
  [...new Set(readExchanges(trace).map(roleActionOf))].sort();
