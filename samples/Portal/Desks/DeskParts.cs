namespace Phr.Samples.Portal;

/// <summary>What desks are made from.</summary>
public sealed record DeskParts(CurrentPerson Person, KeyRing Keys, PortalDb Db, PhrServices Phr, Guard Guard, Postman Postman, TimeProvider Time, Licences Licences);
