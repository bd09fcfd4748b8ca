// The settings of the account that tests and the starter can change at run time: GET and PATCH {
// ranges?, throughput? }.

import * as z from 'zod';
import type { SimulatorResponse, Exchange } from '../wire/exchange.ts';
import { createKeyRanges, type KeyRange } from './partition-key.ts';

export interface CosmosSettings {
  /** The number of partition key ranges of each container. A change splits or merges the ranges. */
  readonly ranges: number;
  /** The request units per second of each container, or null for no limit. */
  readonly throughput: number | null;
}

const MAX_RANGES = 1_000;

const changesSchema = z.strictObject({
  ranges: z.int().min(1).max(MAX_RANGES).exactOptional(),
  throughput: z.number().positive().nullable().exactOptional(),
});

export class AccountSettings {
  private current: CosmosSettings;
  private slices: readonly KeyRange[];

  constructor(current: CosmosSettings) {
    this.current = current;
    this.slices = createKeyRanges(current.ranges);
  }

  get ranges(): readonly KeyRange[] {
    return this.slices;
  }

  get throughput(): number | undefined {
    return this.current.throughput ?? undefined;
  }

  change(changes: Partial<CosmosSettings>): CosmosSettings {
    this.current = { ...this.current, ...changes };
    this.slices = createKeyRanges(this.current.ranges);
    return this.current;
  }

  handle(exchange: Exchange): SimulatorResponse {
    if (exchange.method === 'GET') return { status: 200, body: this.current };
    const read = changesSchema.safeParse(exchange.json());
    if (exchange.method !== 'PATCH' || !read.success) {
      return {
        status: 400,
        body: {
          message:
            `Expected GET, or PATCH { ranges?: 1 to ${MAX_RANGES}, throughput?: request units a ` +
            'second or null }.',
        },
      };
    }
    return { status: 200, body: this.change(read.data) };
  }
}
