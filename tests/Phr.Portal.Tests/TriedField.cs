namespace Phr.Portal.Tests;

/// <summary>A field into which something hostile was written, by itself, while its form was on its page.</summary>
/// <param name="Form">The form.</param>
/// <param name="Field">The field's name.</param>
/// <param name="IsShown">Whether the form has it; else it was sent beside those that the form has.</param>
internal sealed record TriedField(PageForm Form, string Field, bool IsShown);
