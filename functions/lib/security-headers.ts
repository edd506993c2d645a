/**
 * Of every answer that a browser could be made to fetch: it is no page, no script and no frame, and another site's page
 * may not have it. There are no CORS headers anywhere, so that no other origin can read or preflight.
 */
export const securityHeaders = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;
