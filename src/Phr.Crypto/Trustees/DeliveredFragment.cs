namespace Phr.Crypto;

/// <summary>One capsule fragment of a delivery: of which document, under which trustee's share.</summary>
/// <param name="Document">The document.</param>
/// <param name="Group">The trustee's group from 1; 0 for the patient.</param>
/// <param name="Member">The trustee's place in the group from 1; 0 for the patient.</param>
/// <param name="CapsuleFrag">The fragment, not yet verified.</param>
public sealed record DeliveredFragment(DocumentId Document, int Group, int Member, CapsuleFrag CapsuleFrag);
