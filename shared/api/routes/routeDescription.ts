// How a route is described: what it is for, what goes in, what comes out. The OpenAPI document and
// the table in docs/api.md are made of this, and the tests hold every answer to it.
import type * as z from 'zod';
import type { ProblemName } from '../../http/problems/table.ts';

/** Status and code, as in `409 VmHeld`. */
export type ProblemCode = `${number} ${ProblemName}`;

export interface ResponseDescription {
  readonly description: string;
  /** Left out: no body. */
  readonly schema?: z.ZodType;
  readonly headers?: readonly ('location' | 'etag' | 'retry-after')[];
  /** `application/json` unless given. */
  readonly type?: string;
  /** A type of text in which it is there too. */
  readonly alternativeTextType?: string;
}

export interface RouteExample {
  readonly name: string;
  /** Values of the route's parameters. */
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** The status with which it is answered. */
  readonly status: number;
}

export interface RouteDescription {
  /** Names the operation in generated clients: a verb and a noun, unique among all routes. */
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
  /** One line, for people. */
  readonly summary: string;
  readonly query?: z.ZodObject;
  readonly body?: { readonly schema: z.ZodType; readonly isOptional?: boolean };
  /** Whether it needs an Idempotency-Key. */
  readonly idempotent?: boolean;
  /** Whether a change of what is there needs If-Match. */
  readonly ifMatch?: boolean;
  /** Whether it spares whoever has it already the body. */
  readonly ifNoneMatch?: boolean;
  readonly responses: Readonly<Record<number, ResponseDescription>>;
  /** Beside those that every route of its kind has. */
  readonly problems?: readonly ProblemCode[];
  readonly examples?: readonly RouteExample[];
}

/** Of a route that reads Azure while its caller waits. */
export const AZURE_PROBLEMS: readonly ProblemCode[] = [
  '404 NotInAzure',
  '422 AzureForbids',
  '503 AzureUnavailable',
];
