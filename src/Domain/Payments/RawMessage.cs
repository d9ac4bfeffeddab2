using System.Text;

namespace PayRecharge.Domain.Payments;

/// <summary>A message as received.</summary>
/// <param name="Body">The bytes.</param>
/// <param name="ContentType">The content type that the sender declared; null if there is none, and for our own text.</param>
public sealed record RawMessage(byte[] Body, string? ContentType)
{
    /// <summary>The body as text. Bytes that are not UTF-8 are replaced.</summary>
    public string Text => Encoding.UTF8.GetString(Body);

    /// <summary>Creates a message from text.</summary>
    public static RawMessage Of(string text) => new(Encoding.UTF8.GetBytes(text), null);
}
