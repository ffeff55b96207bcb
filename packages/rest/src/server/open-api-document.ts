import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { withoutUnusedSchemas, type OpenApiDocument } from './without-unused-schemas.ts';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';

export interface Description {
  readonly title: string;
  readonly description: string;
}

const POSITION_PROPERTY = {
  type: 'string',
  description:
    'What this client has seen: the same header of the answer before. Makes it read its own writes.',
};
const KEY_PROPERTY = {
  type: 'string',
  format: 'uuid',
  description: 'A version 7 UUID that names this call. A repeat with the same key gets the first answer.',
};

/** The page's own scripts and styles, and nothing from anywhere else. */
const DOCS_CSP =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
  "connect-src 'self'; frame-ancestors 'none'";

/** OpenAPI 3.1 at `/openapi.json`, and a page that shows it at `/docs`, which needs no other server. */
export async function describeInterface(
  app: FastifyInstance,
  { title, description }: Description,
): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title, description, version: '1.0.0', license: { name: 'MIT', identifier: 'MIT' } },
      components: { securitySchemes: { session: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
    },
    transform: (document) => {
      const { everopenKey, ...schema } = (document.schema ?? {}) as Record<string, unknown>;
      const transformed = jsonSchemaTransform({
        ...document,
        schema: schema as NonNullable<typeof document.schema>,
      } as Parameters<typeof jsonSchemaTransform>[0]);
      if (everopenKey === undefined) return { ...transformed, schema: { ...transformed.schema, hide: true } };
      const needsKey = everopenKey === 'required';
      const headers = {
        type: 'object',
        properties: {
          ...(everopenKey === 'none' ? {} : { 'idempotency-key': KEY_PROPERTY }),
          'everopen-position': POSITION_PROPERTY,
        },
        ...(needsKey ? { required: ['idempotency-key'] } : {}),
      };
      return { ...transformed, schema: { ...transformed.schema, headers } };
    },
    transformObject: jsonSchemaTransformObject,
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    // The page is ours, not its tool's: no bar with the tool's name and a field for other people's addresses.
    theme: {
      title: 'Everopen: the REST interface',
      css: [{ filename: 'everopen.css', content: '.swagger-ui .topbar { display: none }' }],
    },
    staticCSP: true,
    transformStaticCSP: () => DOCS_CSP,
  });

  let text: string | undefined;
  app.get('/openapi.json', async (_request, reply) => {
    text ??= JSON.stringify(withoutUnusedSchemas(app.swagger() as OpenApiDocument));
    return reply.header('content-type', 'application/json; charset=utf-8').send(text);
  });
}
