// Which right of Azure's roles each exchange with Resource Manager needs.
import { readFileSync } from 'node:fs';
import { actionOf } from '../../simulator/arm/actions.ts';

export { actionOf };

export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

/** Those that are written down whole: the simulator may be in the middle of the next line. */
export function exchangesIn<T extends { readonly method: string; readonly path: string } = Exchange>(
  trace: string,
): T[] {
  const text = readFileSync(trace, 'utf8');
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as T);
}

export const actionsIn = (trace: string): string[] => [...new Set(exchangesIn(trace).map(actionOf))].sort();
