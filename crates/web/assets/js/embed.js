// <sobria-cas-usages theme="mobilites" vue="carte" hauteur="480"></sobria-cas-usages>
// A frame of the library in a page of another site: the attributes are the parameters of the address.
const NAMES = [
  'q', 'theme', 'sous_theme', 'type', 'audience', 'maturite', 'usage', 'departement', 'region', 'population',
  'evaluation', 'ressources', 'solution', 'territoire', 'de', 'a', 'vue', 'tri', 'nombre', 'apparence',
];

customElements.define('sobria-cas-usages', class extends HTMLElement {
  static observedAttributes = [...NAMES, 'hauteur', 'titre'];

  connectedCallback() {
    this.show();
  }

  attributeChangedCallback() {
    if (this.isConnected) this.show();
  }

  show() {
    const address = new URL('cas-usages', import.meta.url);
    for (const name of NAMES) {
      // Several values of a filter stand between bars.
      for (const value of (this.getAttribute(name) ?? '').split('|').filter(Boolean)) {
        address.searchParams.append(name, value);
      }
    }
    let frame = this.querySelector('iframe');
    if (!frame) {
      frame = document.createElement('iframe');
      frame.loading = 'lazy';
      frame.width = '100%';
      frame.style.border = '0';
      this.replaceChildren(frame);
    }
    frame.height = this.getAttribute('hauteur') ?? '640';
    frame.title = this.getAttribute('titre') ?? 'Projets d’intelligence artificielle des collectivités';
    if (frame.src !== address.href) frame.src = address.href;
  }
});
