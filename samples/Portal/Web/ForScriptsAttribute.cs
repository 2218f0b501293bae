using Microsoft.AspNetCore.Http.Metadata;

namespace Phr.Samples.Portal;

/// <summary>An address that a script of ours talks to: whoever is not signed in, or has locked keys, gets a status and words in JSON instead of another page.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ForScriptsAttribute : Attribute, ISkipStatusCodePagesMetadata;
