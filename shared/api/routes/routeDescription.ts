// The types of a route description: purpose, inputs and outputs. The OpenAPI document and the table
// in docs/api.md come from the descriptions. The tests check every answer against them.
import type * as z from 'zod';
import type { ProblemName } from '../../http/problems/table.ts';

/** Status and code, for example `409 VmHeld`. */
export type ProblemCode = `${number} ${ProblemName}`;

/** One possible answer of a route. */
export interface ResponseDescription {
  readonly description: string;
  /** Left out: no body. */
  readonly schema?: z.ZodType;
  readonly headers?: readonly ('location' | 'etag' | 'retry-after')[];
  /** Left out: `application/json`. */
  readonly type?: string;
  /** Another text type for the same answer. */
  readonly alternativeTextType?: string;
}

/** An example request with the status of its answer. */
export interface RouteExample {
  readonly name: string;
  /** The values of the path parameters. */
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** The status of the answer. */
  readonly status: number;
}

/** The full description of one route. */
export interface RouteDescription {
  /** The operation name in generated clients: a verb and a noun, unique among all routes. */
  readonly id: string;
  readonly area:
    | 'jobs'
    | 'replications'
    | 'vaults'
    | 'plans'
    | 'enabling'
    | 'callbacks'
    | 'alerts'
    | 'schedules'
    | 'alarms'
    | 'service';
  /** One line for people. */
  readonly summary: string;
  readonly query?: z.ZodObject;
  readonly body?: { readonly schema: z.ZodType; readonly isOptional?: boolean };
  /** True when the route needs an Idempotency-Key. */
  readonly idempotent?: boolean;
  /** True when a change of an existing object needs If-Match. */
  readonly ifMatch?: boolean;
  /** True when the route answers 304 without a body for a current copy. */
  readonly ifNoneMatch?: boolean;
  readonly responses: Readonly<Record<number, ResponseDescription>>;
  /** In addition to the problems that every route of this kind has. */
  readonly problems?: readonly ProblemCode[];
  readonly examples?: readonly RouteExample[];
}

/** The problems of a route that reads Azure while its caller waits. */
export const AZURE_PROBLEMS: readonly ProblemCode[] = [
  '404 NotInAzure',
  '422 AzureForbids',
  '503 AzureUnavailable',
];
