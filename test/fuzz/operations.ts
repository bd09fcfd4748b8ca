// The possible operations in the OpenAPI document, and the weight of each.
import type { OpenApi, Schema } from '../support/openapi-contract.ts';

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: Schema;
}
interface DescribedOperation {
  readonly parameters: readonly Parameter[];
  readonly requestBody?: {
    readonly required: boolean;
    readonly content: Readonly<Record<string, { readonly schema: Schema }>>;
  };
  readonly 'x-roles'?: readonly string[];
}

export interface Operation {
  readonly route: string;
  readonly method: string;
  readonly path: string;
  /** Null: the route needs no token. */
  readonly roles: readonly string[] | null;
  readonly query: readonly Parameter[];
  readonly body: Schema | null;
  readonly bodyMayBeLeftOut: boolean;
  readonly takesIfMatch: boolean;
  readonly takesKey: boolean;
  readonly weight: number;
}

const WEIGHT_BY_METHOD: Readonly<Record<string, number>> = { GET: 1, POST: 2, PUT: 5, DELETE: 2 };
const WEIGHT_BY_ROUTE: Readonly<Record<string, number>> = {
  'POST /api/v1/jobs': 16,
  'PUT /api/v1/plans/{planId}': 8,
  'GET /api/v1/jobs': 2,
  'POST /api/v1/alerts/azure-monitor': 4,
  'POST /api/v1/alerts/generic': 6,
  'POST /api/v1/jobs/{id}/answers': 6,
  'POST /api/v1/alert-decisions/{id}/answers': 6,
  // A few calls are enough for an answer that is always the same.
  'GET /api/openapi.json': 0.2,
  'GET /api/v1/health': 0.2,
  'GET /api/privacy': 0.2,
  'GET /api/v1/privacy': 0.2,
  'GET /api/problems': 0.2,
  'GET /api/problems/{code}': 0.2,
  'GET /api/v1/schemas/resource-map': 0.2,
  'GET /api/v1/ready': 0.4,
  'POST /api/v1/jobs/{id}/undelivered/{undeliveredId}/resume': 1,
  'POST /api/v1/undelivered/{stream}/{undeliveredId}/resume': 1,
};

export function operationsOf({ paths }: OpenApi): readonly Operation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([name, operation]): Operation => {
      const { parameters, requestBody, 'x-roles': roles = null } = operation as unknown as DescribedOperation;
      const [method, header] = [
        name.toUpperCase(),
        (wanted: string) =>
          parameters.some((parameter) => parameter.in === 'header' && parameter.name === wanted),
      ];
      const route = `${method} ${path}`;
      return {
        route,
        method,
        path,
        roles,
        query: parameters.filter((parameter) => parameter.in === 'query'),
        body: requestBody?.content['application/json']?.schema ?? null,
        bodyMayBeLeftOut: requestBody?.required === false,
        takesIfMatch: header('If-Match'),
        takesKey: header('Idempotency-Key'),
        weight: WEIGHT_BY_ROUTE[route] ?? WEIGHT_BY_METHOD[method] ?? 1,
      };
    }),
  );
}
