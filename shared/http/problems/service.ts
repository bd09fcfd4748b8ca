// Problem codes of the service itself: sign-in, the form of requests, the store, Azure.
import { explainProblem } from './explanation.ts';

const PERHAPS_CHANGED = 'Perhaps all of it, perhaps nothing.';
const SEND_AGAIN = 'Send the same request again in some seconds, with the same Idempotency-Key.';

export const SERVICE_PROBLEMS = {
  TokenMissing: explainProblem(
    'The request has no bearer token.',
    'Send a token of Entra ID for this service in the Authorization header.',
  ),
  TokenRefused: explainProblem(
    'The bearer token is wrong, has expired, or is for another service or tenant.',
    'Ask Entra ID for a new token for this service. The detail says which check has failed.',
  ),
  RoleMissing: explainProblem(
    'The caller has no role that allows this request.',
    'Let somebody assign one of the named roles to you, or ask a person who has such a role.',
  ),
  GrantEnded: explainProblem(
    'A schedule or an alert rule acts in the name of a person. The time of that grant has ended.',
    'Save the schedule or the rule again.',
  ),
  SignInUnavailable: explainProblem('Lifeboat cannot read the keys of the sign-in service now.', SEND_AGAIN),
  SignatureMissing: explainProblem(
    'The call lacks webhook-timestamp, webhook-nonce or webhook-signature.',
    'Sign the call and send all three headers.',
  ),
  SignatureExpired: explainProblem(
    'The call was signed too long ago, or for a time to come.',
    'Set the clock of the sender right, and sign the call again.',
  ),
  SignatureRefused: explainProblem(
    'No known key has signed this call.',
    'Check the name of the key, the secret, and that the signed text is timestamp.nonce.body.',
  ),
  NonceUsed: explainProblem(
    'A call with this nonce was here before.',
    'Take a new nonce for each call. The id of the alert keeps the alert the same.',
  ),
  AddressUnknown: explainProblem(
    'No route has this address.',
    'Check the address. GET /api/openapi.json lists all addresses.',
  ),
  MethodNotAllowed: explainProblem(
    'The address exists, but not with this method.',
    'Use one of the methods that the Allow header names.',
  ),
  TooManyRequests: explainProblem(
    'The caller has sent more requests than its rate allows.',
    'Wait for the seconds that Retry-After names, then send the request again.',
  ),
  Invalid: explainProblem(
    'A field of the body, the query or the path is missing or wrong.',
    'Correct the fields that "errors" names. GET /api/openapi.json describes each field.',
  ),
  NotJson: explainProblem(
    'The body is not JSON in UTF-8.',
    'Send JSON. The detail names the line and the column of the first fault.',
  ),
  NameTwice: explainProblem(
    'An object of the body has the same name twice.',
    'Send each name once. The detail names the line and the column of the second.',
  ),
  TooDeep: explainProblem('The body is nested too deeply.', 'Send a body with fewer levels.'),
  BodyTooLarge: explainProblem('The body is too large.', 'Send a smaller body.'),
  ContentTypeUnknown: explainProblem(
    'The Content-Type of the body is not JSON.',
    'Send the body as application/json in UTF-8.',
  ),
  NotAcceptable: explainProblem(
    'The route cannot answer with a type that the request accepts.',
    'Name one of the types of the detail in the Accept header.',
  ),
  ContinuationInvalid: explainProblem(
    'Lifeboat did not give this continuation for this list.',
    'Read the list from its beginning.',
  ),
  IfMatchMissing: explainProblem(
    'The document already exists, and the request does not name the version that it changes.',
    'Read the document, and send its ETag as If-Match with the change.',
  ),
  ProblemUnknown: explainProblem(
    'No problem has this code.',
    'Check the code. GET /api/problems lists all codes. Azure explains its own codes, such as numbers.',
  ),
  TooLargeToStore: explainProblem(
    'The content is larger than one write to the store may be.',
    'Send less content, or split the command.',
  ),
  StoreUnavailable: explainProblem('Cosmos DB did not take a write.', SEND_AGAIN),
  DocumentTooNew: explainProblem(
    'A newer Lifeboat wrote the document, and this version cannot read the document.',
    'Deploy the newer version again.',
  ),
  SettingsInvalid: explainProblem(
    'A setting of the app is missing or wrong, so Lifeboat does nothing at all.',
    'Correct the settings that the detail names. The app then restarts.',
  ),
  Unavailable: explainProblem(
    'Lifeboat could not finish the request, for a reason in its log.',
    SEND_AGAIN,
    PERHAPS_CHANGED,
  ),
  AzureForbids: explainProblem(
    'The identity of Lifeboat may not read a resource in Azure.',
    'Give the identity its role on the resource, then send the request again.',
  ),
  AzureUnavailable: explainProblem('Azure did not answer a question that Lifeboat asked.', SEND_AGAIN),
  NotInAzure: explainProblem(
    'A resource that the request names does not exist in Azure.',
    'Check the name and the id of the resource.',
  ),
  AnswerLost: explainProblem(
    'Azure accepted an operation, and its step had changed before the answer came.',
    'Lifeboat looks for the operation by its request id. Check in the portal that it ran once.',
    'The operation runs in Azure.',
  ),
  BudgetContended: explainProblem(
    'Other processes changed the budget for writes each time that Lifeboat read it.',
    'Nothing. Lifeboat tries again.',
  ),
  DurationsContended: explainProblem(
    'Other processes changed the learned durations each time that Lifeboat wrote them.',
    'Nothing. Lifeboat tries again.',
  ),
} as const;
