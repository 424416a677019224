namespace Saga.Engine.Rasterization.Cpu;

/// <summary>Receives the tiles that Gaussians touch; a struct, so that each use compiles to its own loop.</summary>
internal interface ITileVisitor
{
    /// <summary>The tiles that follow are those of this Gaussian.</summary>
    void Begin(float depth, int slot);

    /// <summary>It touches the tiles first..last of one tile row, both inclusive.</summary>
    void Visit(int first, int last);
}
