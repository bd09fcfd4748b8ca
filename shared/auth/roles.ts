// Who may do what, as data. Operators may also read; nobody has a right by default.

export const Role = { operator: 'Operator', reader: 'Reader' } as const;
export type Role = (typeof Role)[keyof typeof Role];

export const ROUTES = {
  'POST /api/v1/jobs': [Role.operator],
  'GET /api/v1/jobs/{id}': [Role.operator, Role.reader],
  'GET /api/v1/replications': [Role.operator, Role.reader],
} as const satisfies Record<string, readonly Role[]>;
export type Route = keyof typeof ROUTES;
