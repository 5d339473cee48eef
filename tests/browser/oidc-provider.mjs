// A real OpenID provider on loopback, set up as ProConnect is: signed user information, `claims`, sign-out.
//
//   node oidc-provider.mjs --port 0 --redirect http://127.0.0.1:8080/connexion/essai/retour --after http://127.0.0.1:8080/
//
// prints `listening on <issuer>`. In a test: `const provider = await startProvider({ redirect, after })`.
// Two clients share one secret: `sobria` (ES256, signed user information, secret in the body) and `sobria-json`
// (RS256, user information as JSON, secret in the header, proof key required).
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { argv } from 'node:process';
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';
import Provider from 'oidc-provider';

export const SECRET = 'secret-des-essais-jamais-en-service';

// Whoever signs in types the address; there is no password.
export const ACCOUNTS = {
  // Works for an organisation of the demonstration.
  'lea.martin@kerzavel.example': {
    sub: 'agent-connue', email_verified: true, given_name: 'Léa', usual_name: 'Martin', family_name: 'Martin',
    siret: '99318166800027', uid: 'lmartin', idp_id: 'fournisseur-des-essais',
  },
  // Works for an organisation that no directory knows.
  'karim.benali@ailleurs.example': {
    sub: 'agent-inconnu', email_verified: true, given_name: 'Karim', usual_name: 'Benali', family_name: 'Benali',
    siret: '99900000000018', uid: 'kbenali', idp_id: 'fournisseur-des-essais',
  },
  // Nobody checked the address.
  'sans.verification@kerzavel.example': {
    sub: 'agent-sans-verification', email_verified: false, given_name: 'Camille', usual_name: 'Le Goff',
    family_name: 'Le Goff', uid: 'clegoff', idp_id: 'fournisseur-des-essais',
  },
};

const STRONG = [
  'eidas2', 'eidas3', 'https://proconnect.gouv.fr/assurance/self-asserted-2fa',
  'https://proconnect.gouv.fr/assurance/consistency-checked-2fa', 'eidas0-mfa', 'eidas1-mfa',
];

const key = (type, options, more) => ({
  ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), use: 'sig', ...more,
});

const escape = text => String(text).replace(/[&<>"']/g, c => `&#${c.charCodeAt(0)};`);

const html = (title, body) => `<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(title)}</title></head><body><main><h1>${escape(title)}</h1>${body}</main></body></html>`;

function signInPage({ params, prompt }, problem) {
  const strong = prompt.reasons.includes('essential_acrs');
  return html('Fournisseur d’identité des essais', `
${problem ? `<p role="alert" id="probleme">${escape(problem)}</p>` : ''}
${strong ? '<p id="facteur">Le service demande un second facteur.</p>' : ''}
<form method="post">
<p><label for="adresse">Adresse électronique</label>
<input id="adresse" name="adresse" type="email" autocomplete="username" required autofocus
 value="${escape(params.login_hint ?? '')}"></p>
<p><input id="second" name="second" type="checkbox" value="oui"><label for="second">Second facteur présenté</label></p>
<p><button name="geste" value="entrer">Se connecter</button>
<button name="geste" value="renoncer" formnovalidate>Renoncer</button></p>
</form>`);
}

async function readForm(request) {
  let text = '';
  for await (const chunk of request) {
    text += chunk;
    if (text.length > 10_000) throw new Error('form too long');
  }
  return new URLSearchParams(text);
}

export async function startProvider({ port = 0, host = '127.0.0.1', redirect = [], after = [] } = {}) {
  const server = createServer();
  await new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  const issuer = `http://${host}:${server.address().port}`;
  const client = {
    client_secret: SECRET,
    redirect_uris: [redirect].flat(),
    post_logout_redirect_uris: [after].flat(),
    response_types: ['code'],
    grant_types: ['authorization_code'],
  };
  const provider = new Provider(issuer, {
    clients: [
      {
        ...client, client_id: 'sobria', token_endpoint_auth_method: 'client_secret_post',
        id_token_signed_response_alg: 'ES256', userinfo_signed_response_alg: 'ES256',
      },
      {
        ...client, client_id: 'sobria-json', token_endpoint_auth_method: 'client_secret_basic',
        id_token_signed_response_alg: 'RS256',
      },
    ],
    jwks: {
      keys: [
        key('ec', { namedCurve: 'P-256' }, { kid: 'courbe', alg: 'ES256' }),
        key('rsa', { modulusLength: 2048 }, { kid: 'nombres', alg: 'RS256' }),
      ],
    },
    cookies: { keys: ['une-cle-des-essais'] },
    claims: {
      openid: ['sub'],
      acr: null,
      amr: null,
      auth_time: null,
      iss: null,
      sid: null,
      email: ['email', 'email_verified'],
      profile: ['given_name', 'family_name'],
      given_name: ['given_name'],
      usual_name: ['usual_name'],
      uid: ['uid'],
      siret: ['siret'],
      idp_id: ['idp_id'],
    },
    acrValues: ['eidas1', ...STRONG],
    features: {
      devInteractions: { enabled: false },
      jwtUserinfo: { enabled: true },
      claimsParameter: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => {
          ctx.body = html('Se déconnecter', `${form}
<p><button form="op.logoutForm" name="logout" value="yes" autofocus>Se déconnecter du fournisseur</button></p>`);
        },
        postLogoutSuccessSource: ctx => { ctx.body = html('Vous êtes déconnecté', '<p>À bientôt.</p>'); },
      },
    },
    responseTypes: ['code'],
    pkce: { required: (_, asking) => asking.clientId === 'sobria-json' },
    interactions: { url: (_, interaction) => `/entree/${interaction.uid}` },
    // Whoever signs in agrees: ProConnect shows no page for that.
    loadExistingGrant: async ctx => {
      const grant = new provider.Grant({ accountId: ctx.oidc.session.accountId, clientId: ctx.oidc.client.clientId });
      grant.addOIDCScope(ctx.oidc.params.scope);
      grant.addOIDCClaims(['acr', 'amr']);
      await grant.save();
      return grant;
    },
    findAccount: (_, sub) => {
      const [email, account] = Object.entries(ACCOUNTS).find(([, known]) => known.sub === sub) ?? [];
      return account && { accountId: sub, claims: () => ({ email, ...account }) };
    },
    renderError: (ctx, out) => { ctx.body = html('Demande refusée', `<p>${escape(out.error)} : ${escape(out.error_description)}</p>`); },
    ttl: { AccessToken: 60, AuthorizationCode: 30, IdToken: 60, Interaction: 600, Session: 3600, Grant: 3600 },
  });

  async function enter(request, response) {
    const details = await provider.interactionDetails(request, response);
    const show = (status, problem) => response
      .writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' })
      .end(signInPage(details, problem));
    if (request.method !== 'POST') return show(200);
    const form = await readForm(request);
    const finish = result => provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
    if (form.get('geste') === 'renoncer') {
      return finish({ error: 'access_denied', error_description: 'User auth aborted' });
    }
    const account = ACCOUNTS[form.get('adresse')?.trim().toLowerCase()];
    if (!account) return show(422, 'Cette adresse n’est pas connue ici.');
    const strong = form.get('second') === 'oui';
    return finish({
      login: {
        accountId: account.sub, remember: false,
        acr: strong ? 'eidas2' : 'eidas1', amr: strong ? ['pwd', 'mfa'] : ['pwd'],
      },
    });
  }

  const callback = provider.callback();
  server.on('request', (request, response) => {
    if (!request.url.startsWith('/entree/')) return callback(request, response);
    return enter(request, response).catch(error => {
      response.writeHead(400, { 'content-type': 'text/plain; charset=utf-8' }).end(String(error));
    });
  });
  return {
    issuer,
    provider,
    stop: () => new Promise(resolve => {
      server.close(resolve);
      server.closeAllConnections();
    }),
  };
}

if (argv[1] && import.meta.url === pathToFileURL(argv[1]).href) {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      host: { type: 'string', default: '127.0.0.1' },
      redirect: { type: 'string', multiple: true, default: [] },
      after: { type: 'string', multiple: true, default: [] },
    },
  });
  const { issuer } = await startProvider({ ...values, port: Number(values.port) });
  process.stdout.write(`listening on ${issuer}\n`);
}
