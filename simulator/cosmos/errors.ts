// Errors as Cosmos DB tells them: an HTTP status, sometimes a sub-status, and a body `{code, message}`.

const ERROR_CODES: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  409: 'Conflict',
  410: 'Gone',
  412: 'PreconditionFailed',
  413: 'RequestEntityTooLarge',
  424: 'FailedDependency',
  429: '429',
};

export const SubStatus = {
  partitionKeyMismatch: 1001,
  partitionKeyRangeGone: 1002,
  ownerNotFound: 1003,
  crossPartitionQueryNotServable: 1004,
  throughputExceeded: 3200,
  dataPlaneTokenRefused: 5300,
} as const;

export interface ErrorDetails {
  readonly substatus?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Properties of the body beside code and message. */
  readonly extraProperties?: Readonly<Record<string, unknown>>;
}

export class CosmosError extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly extraProperties: Readonly<Record<string, unknown>>;

  /** `message` goes out as it is, with the activity id behind it. */
  constructor(status: number, message: string, details: ErrorDetails = {}) {
    super(message);
    this.status = status;
    this.headers = {
      ...(details.substatus === undefined ? {} : { 'x-ms-substatus': String(details.substatus) }),
      ...details.headers,
    };
    this.extraProperties = details.extraProperties ?? {};
  }

  body(activityId: string): Record<string, unknown> {
    return {
      code: ERROR_CODES[this.status] ?? 'InternalServerError',
      message: `${this.message}\r\nActivityId: ${activityId}, Microsoft.Azure.Documents.Common/2.14.0`,
      ...this.extraProperties,
    };
  }
}

/** The usual form: the reasons as JSON inside the message. */
export function createCosmosError(status: number, reason: string, substatus?: number): CosmosError {
  return new CosmosError(
    status,
    `Message: ${JSON.stringify({ Errors: [reason] })}`,
    substatus === undefined ? {} : { substatus },
  );
}

/** For what the real service does and the simulator does not: better no answer than a wrong one. */
export function unsupportedError(what: string): CosmosError {
  return createCosmosError(400, `${what} is not supported.`);
}

/** The form in which the query engine tells where in the text it stumbled. */
export function queryError(code: string, message: string, start: number, end: number): CosmosError {
  const errors = [{ severity: 'Error', location: { start, end }, code, message }];
  return new CosmosError(400, `Message: ${JSON.stringify({ errors })}`);
}

/** A query feature that the real service has and the simulator does not. */
export function unsupportedQueryError(what: string, start: number, end: number): CosmosError {
  return queryError('SC3012', `Unsupported query: ${what} is not supported.`, start, end);
}
