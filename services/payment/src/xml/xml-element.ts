/** An element of a document, names resolved to their namespaces. */
export interface XmlElement {
  /** The namespace's URI; empty if it has none. */
  readonly namespace: string;
  /** The local name. */
  readonly name: string;
  readonly attributes: readonly XmlAttribute[];
  readonly children: readonly XmlElement[];
  /** The character data directly inside, joined. */
  readonly text: string;
}

export interface XmlAttribute {
  readonly namespace: string;
  readonly name: string;
  readonly value: string;
}
