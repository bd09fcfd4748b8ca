// The metrics of a query, as the service writes them into a header. The counts and sizes are true.
// The times are zero: simulated time does not pass while a query runs.

import type { Json } from './sql/values.ts';

const TIMES = [
  'totalExecutionTimeInMs',
  'queryCompileTimeInMs',
  'queryLogicalPlanBuildTimeInMs',
  'queryPhysicalPlanBuildTimeInMs',
  'queryOptimizationTimeInMs',
  'VMExecutionTimeInMs',
  'indexLookupTimeInMs',
  'documentLoadTimeInMs',
  'systemFunctionExecuteTimeInMs',
  'userFunctionExecuteTimeInMs',
];

const sizeOf = (value: Json): number => Buffer.byteLength(JSON.stringify(value));

/** Counts the documents that a query reads. */
export class QueryMetrics {
  #count = 0;
  #bytes = 0;

  addRead(document: Json): void {
    this.#count += 1;
    this.#bytes += sizeOf(document);
  }

  /** The value of the header for these results. */
  headerFor(rows: readonly Json[]): string {
    return [
      ...TIMES.map((name) => `${name}=0.00`),
      `retrievedDocumentCount=${this.#count}`,
      `retrievedDocumentSize=${this.#bytes}`,
      `outputDocumentCount=${rows.length}`,
      `outputDocumentSize=${rows.reduce<number>((sum, row) => sum + sizeOf(row), 0)}`,
      'writeOutputTimeInMs=0.00',
      'indexUtilizationRatio=1.00',
    ].join(';');
  }
}
