// The errors of Cosmos DB: an HTTP status, an optional sub-status and a body `{code, message}`.

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
  /** More properties of the body, besides code and message. */
  readonly extraProperties?: Readonly<Record<string, unknown>>;
}

export class CosmosError extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly extraProperties: Readonly<Record<string, unknown>>;

  /** The response contains `message` unchanged, followed by the activity id. */
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

/** Creates an error in the usual form. The message contains the reasons as JSON. */
export function createCosmosError(status: number, reason: string, substatus?: number): CosmosError {
  return new CosmosError(
    status,
    `Message: ${JSON.stringify({ Errors: [reason] })}`,
    substatus === undefined ? {} : { substatus },
  );
}

/**
 * Refuses a feature of the real service that the simulator lacks. A refusal is better than a wrong
 * result.
 */
export function unsupportedError(feature: string): CosmosError {
  return createCosmosError(400, `${feature} is not supported.`);
}

/** Creates an error of the query engine, with the position in the query text. */
export function queryError(code: string, message: string, start: number, end: number): CosmosError {
  const errors = [{ severity: 'Error', location: { start, end }, code, message }];
  return new CosmosError(400, `Message: ${JSON.stringify({ errors })}`);
}

/** Refuses a query feature of the real service that the simulator lacks. */
export function unsupportedQueryError(feature: string, start: number, end: number): CosmosError {
  return queryError('SC3012', `Unsupported query: ${feature} is not supported.`, start, end);
}
