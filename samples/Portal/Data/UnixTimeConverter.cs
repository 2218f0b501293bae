using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Phr.Samples.Portal;

/// <summary>Times as milliseconds since 1970: both databases order and compare them alike.</summary>
public sealed class UnixTimeConverter() : ValueConverter<DateTimeOffset, long>(time => time.ToUnixTimeMilliseconds(), value => DateTimeOffset.FromUnixTimeMilliseconds(value));
