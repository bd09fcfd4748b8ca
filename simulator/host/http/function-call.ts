// Passes a request to an httpTrigger function and returns the function's answer.

import type { AppFunction } from '../app/functions.ts';
import { buildInputs } from '../app/inputs.ts';
import type { Invoke } from '../app/invoke.ts';
import type { HttpCookie, HttpData, HttpRequestData, TypedData } from '../app/typed-data.ts';
import type { HostRequest, HostResponse } from './request.ts';

type NullableValues = Record<string, { readonly value: string }>;

export async function callHttpFunction(
  invoke: Invoke,
  target: AppFunction,
  params: Readonly<Record<string, string>>,
  request: HostRequest,
  durableClient: string,
): Promise<HostResponse> {
  const http: HttpRequestData = {
    method: request.method,
    url: request.url.href,
    nullableHeaders: toNullableValues(request.headers),
    nullableQuery: toNullableValues(Object.fromEntries(request.url.searchParams)),
    nullableParams: toNullableValues(params),
    body: { bytes: request.method === 'GET' || request.method === 'HEAD' ? Buffer.alloc(0) : request.body },
  };
  const invoked = await invoke({
    function: target.registered,
    inputs: buildInputs(target, { http }, durableClient),
    traceParent: request.headers.traceparent,
  });
  return toResponse(await invoked.response());
}

function toNullableValues(values: Readonly<Record<string, string>>): NullableValues {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }]));
}

function toResponse(returned: TypedData | null | undefined): HostResponse {
  if (!returned?.http) return { status: 204 };
  const { statusCode = '200', headers = {}, cookies = [], body } = returned.http as HttpData;
  const setCookie = cookies.map(cookieText);
  return {
    status: Number(statusCode),
    headers: { ...headers, ...(setCookie.length > 0 && { 'set-cookie': setCookie }) },
    ...(body?.bytes && { body: body.bytes }),
  };
}

const SAME_SITE = { none: undefined, lax: 'Lax', strict: 'Strict', explicitNone: 'None' } as const;

function cookieText({
  name,
  value,
  domain,
  path,
  expires,
  secure,
  httpOnly,
  sameSite,
  maxAge,
}: HttpCookie): string {
  const site = sameSite && SAME_SITE[sameSite];
  return [
    `${name}=${value}`,
    domain && `Domain=${domain.value}`,
    path && `Path=${path.value}`,
    expires && `Expires=${new Date(expires.value.seconds * 1000).toUTCString()}`,
    maxAge && `Max-Age=${maxAge.value}`,
    secure?.value && 'Secure',
    httpOnly?.value && 'HttpOnly',
    site && `SameSite=${site}`,
  ]
    .filter(Boolean)
    .join('; ');
}
